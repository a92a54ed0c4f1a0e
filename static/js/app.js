// One module per behaviour; each works on what the server rendered, and no page needs one to be read.
import "./error-summary.js";
import "./filters.js";
import "./forget.js";

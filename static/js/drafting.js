// The pages of a proposal.
import "./autosave.js";
import "./chunks.js";
import "./map-later.js";
import "./window.js";

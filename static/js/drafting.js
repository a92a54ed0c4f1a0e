// The pages of a proposal.
import "./autosave.js";
import "./chunks.js";
import "./window.js";

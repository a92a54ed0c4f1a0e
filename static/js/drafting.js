// The pages of a proposal.
import "./autosave.js";

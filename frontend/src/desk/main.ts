// Starts the desk's application.
import "../shared/tokens.css";
import "../shared/base.css";

//! Window, message pump, clock, files, input and events, with a headless twin of the window

//! An application framework for real-time desktop tools whose every byte has a home

"""The built-in backend: selection and removal by classical methods, without any download."""

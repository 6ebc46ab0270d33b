"""What can be done to a document, without a window: plan a request, apply its result. No Qt."""

"""QObjects that live as long as a window: job queue, engines, models, servers, preferences."""

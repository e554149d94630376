"""The grader measured on a labelled set, without a database: `coursewright evaluate`."""

-- The images of a project in their order, without sorting: a set may have a hundred thousand.
CREATE INDEX images_by_position ON images (project_id, position);

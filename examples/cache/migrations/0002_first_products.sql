INSERT INTO products (id, name) VALUES ('1', 'Kettle'), ('2', 'Teapot');

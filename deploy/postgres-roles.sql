-- Run once, by the PostgreSQL image, on an empty database: the owner of the schema, and the role that only uses it.
\getenv owner_password POSTGRES_OWNER_PASSWORD
\getenv app_password POSTGRES_APP_PASSWORD
CREATE ROLE yichuang_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE yichuang_app LOGIN PASSWORD :'app_password';
CREATE DATABASE yichuang OWNER yichuang_owner;
REVOKE ALL ON DATABASE yichuang FROM PUBLIC;
GRANT CONNECT ON DATABASE yichuang TO yichuang_app;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;

# Run by PostgreSQL's image when it makes its cluster: for each service a database, the role that owns it and migrates, and
# the login that works in it and owns nothing; none reads what another owns. What is there already stays: after an upgrade that
# brought a service, `docker compose exec postgres bash /docker-entrypoint-initdb.d/databases.sh` adds what it lacks.
sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres "$@"; }
sql <<'SQL'
SELECT 'CREATE ROLE backhaul_runtime NOLOGIN NOINHERIT NOBYPASSRLS'
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backhaul_runtime') \gexec
SQL
for service in accounts ingestion notifications ticketing-connectwise ticketing-autotask billing-sync-connectwise \
  billing-sync-autotask; do
  sql --set name="backhaul_${service//-/_}" --set password="$(cat "/keys/$service.password")" \
    --set service="backhaul_${service//-/_}_service" --set service_password="$(cat "/keys/$service-service.password")" <<'SQL'
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', :'name', :'password')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('CREATE ROLE %I LOGIN NOINHERIT PASSWORD %L', :'service', :'service_password')
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
GRANT backhaul_runtime TO :"name", :"service";
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"service";
SQL
done

# Run once by PostgreSQL's image: for each service a database, the role that owns it and migrates, and the login that
# works in it and owns nothing; none reads what another owns.
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --command 'CREATE ROLE backhaul_runtime NOLOGIN NOINHERIT NOBYPASSRLS'
for service in accounts ingestion notifications ticketing-connectwise ticketing-autotask billing-sync-connectwise \
  billing-sync-autotask; do
  psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="backhaul_${service//-/_}" --set password="$(cat "/keys/$service.password")" \
    --set service="backhaul_${service//-/_}_service" --set service_password="$(cat "/keys/$service-service.password")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE ROLE :"service" LOGIN NOINHERIT PASSWORD :'service_password';
GRANT backhaul_runtime TO :"name", :"service";
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"service";
SQL
done

# Run once by PostgreSQL's image: a database and a role for each service, so that none reads what another owns.
for service in accounts ingestion notifications ticketing-connectwise ticketing-autotask; do
  psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="backhaul_${service//-/_}" --set password="$(cat "/keys/$service.password")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done

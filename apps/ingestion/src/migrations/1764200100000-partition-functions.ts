/**
 * What needs an owner is done by functions of the owner, for the role that services work under owns nothing. Each takes
 * times, never names of its callers' making, and bounds them by the clock of the database.
 */
const OF_OWNER = 'SECURITY DEFINER SET search_path = public, pg_temp';
/** Whom the policies show less than all would move and judge less than all. */
const FOR_ALL = `
    IF current_setting('app.partner', true) IS DISTINCT FROM '*' THEN
      RAISE insufficient_privilege USING MESSAGE = 'permission denied: the event log is of all partners';
    END IF;`;
/** While such a lock is waited for, reports wait behind it; the next pass tries again. */
const BRIEFLY = `SET lock_timeout = '500ms'`;
const ONE_AT_A_TIME = `pg_try_advisory_xact_lock(hashtext('event_partition'))`;

/** The smallest event id of a millisecond. */
const ID_AT = `
  CREATE FUNCTION event_id_at(at timestamptz) RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (lpad(to_hex(greatest(0, least(281474976710655, floor(extract(epoch FROM at) * 1000)))::bigint), 12, '0')
      || '70008000000000000000')::uuid $$`;

/** Makes the months that are missing up to a time, and moves into each what came before it was there; how many it made. */
const PREPARE = `
  CREATE FUNCTION event_log_prepare(until timestamptz) RETURNS int LANGUAGE plpgsql ${OF_OWNER} ${BRIEFLY} AS $$
  DECLARE
    made int := 0;
    start timestamptz;
    leaf text;
    from_id uuid;
    to_id uuid;
    policy text;
  BEGIN${FOR_ALL}
    IF NOT ${ONE_AT_A_TIME} THEN RETURN 0; END IF;
    until := least(until, clock_timestamp() + interval '400 days');
    SELECT pg_get_expr(polqual, polrelid) INTO STRICT policy FROM pg_policy WHERE polrelid = 'event'::regclass;
    LOOP
      SELECT uuid_extract_timestamp(p.to_id) INTO start FROM event_partition p
        WHERE p.to_id IS NOT NULL ORDER BY p.to_id DESC LIMIT 1;
      start := coalesce(start, date_trunc('month', clock_timestamp(), 'UTC'));
      EXIT WHEN start > until;
      leaf := 'event_' || to_char(start AT TIME ZONE 'UTC', 'YYYY_MM');
      from_id := event_id_at(start);
      to_id := event_id_at(date_trunc('month', start, 'UTC') + interval '1 month');
      EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING DEFAULTS INCLUDING STORAGE)', leaf);
      EXECUTE format('ALTER TABLE %1$I ENABLE ROW LEVEL SECURITY; ALTER TABLE %1$I FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON %1$I USING (%2$s)', leaf, policy);
      LOCK TABLE event_default IN ACCESS EXCLUSIVE MODE;
      EXECUTE format('WITH moved AS (DELETE FROM event_default WHERE event_id >= %L AND event_id < %L RETURNING *)
        INSERT INTO %I SELECT * FROM moved', from_id, to_id, leaf);
      EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', leaf, from_id, to_id);
      INSERT INTO event_partition VALUES (leaf, from_id, to_id);
      made := made + 1;
    END LOOP;
    RETURN made;
  END $$`;

/** Whether events of a partition wait to be published, or are held back for a moment. */
const WAITS = `
  CREATE FUNCTION event_log_waits(leaf text) RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE waits boolean;
  BEGIN
    EXECUTE format('SELECT EXISTS (
        SELECT FROM (SELECT bucket, coalesce(pos_xid, ''0''::xid8) AS pos_xid,
            coalesce(pos_id, ''00000000-0000-0000-0000-000000000000'') AS pos_id FROM relay_lease OFFSET 0) p
          JOIN %1$I e ON e.bucket = p.bucket AND (e.xid, e.event_id) > (p.pos_xid, p.pos_id))
      OR EXISTS (SELECT FROM %1$I WHERE bucket IS NULL AND account_no IS NOT NULL AND NOT is_discarded)', leaf)
      INTO waits;
    RETURN waits;
  END $$`;

/**
 * Notes of partitions that ended before a time that everything in them was published; how many. The lock lets those who
 * write there end first; who writes there later meets the trigger, in the transaction of that very write.
 */
const SETTLE = `
  CREATE FUNCTION event_unsettle() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE event_partition SET is_settled = false WHERE name = TG_TABLE_NAME AND is_settled;
    RETURN NULL;
  END $$;
  CREATE FUNCTION event_log_settle(before timestamptz) RETURNS int LANGUAGE plpgsql ${OF_OWNER} ${BRIEFLY} AS $$
  DECLARE
    settled int := 0;
    part event_partition;
  BEGIN${FOR_ALL}
    IF NOT ${ONE_AT_A_TIME} THEN RETURN 0; END IF;
    before := least(before, clock_timestamp());
    FOR part IN SELECT * FROM event_partition
      WHERE NOT is_settled AND (to_id IS NULL OR to_id <= event_id_at(before)) ORDER BY from_id
    LOOP
      EXECUTE format('LOCK TABLE %I IN SHARE ROW EXCLUSIVE MODE', part.name);
      CONTINUE WHEN event_log_waits(part.name);
      EXECUTE format('CREATE OR REPLACE TRIGGER unsettle AFTER INSERT OR UPDATE OF xid, bucket ON %I
        FOR EACH ROW EXECUTE FUNCTION event_unsettle()', part.name);
      UPDATE event_partition SET is_settled = true WHERE name = part.name;
      settled := settled + 1;
    END LOOP;
    RETURN settled;
  END $$`;

/**
 * Drops a partition that ended before a time, which is 35 days ago at the latest whatever the caller says; false where
 * something in it is still needed. The log is locked before the partition, as everybody does who reads it.
 */
const DROP = `
  CREATE FUNCTION event_log_drop(leaf text, before timestamptz) RETURNS boolean
  LANGUAGE plpgsql ${OF_OWNER} ${BRIEFLY} AS $$
  DECLARE part event_partition;
  BEGIN${FOR_ALL}
    IF NOT ${ONE_AT_A_TIME} THEN RETURN false; END IF;
    before := least(before, clock_timestamp() - interval '35 days');
    SELECT * INTO part FROM event_partition WHERE name = leaf AND to_id <= event_id_at(before);
    IF NOT FOUND THEN RETURN false; END IF;
    LOCK TABLE ONLY event IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', leaf);
    IF event_log_waits(leaf) OR EXISTS (SELECT FROM operation WHERE state IN ('queued', 'running')
      AND event_id >= part.from_id AND event_id < part.to_id) THEN RETURN false; END IF;
    EXECUTE format('DROP TABLE %I', leaf);
    DELETE FROM event_partition WHERE name = leaf;
    RETURN true;
  END $$`;

export const LOG_FUNCTIONS = [ID_AT, PREPARE, WAITS, SETTLE, DROP].join(';\n');

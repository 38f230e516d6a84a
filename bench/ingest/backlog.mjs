import pg from 'pg';

/** Events that the rules have not spoken of yet, and what rules asked for and is not done; read once a second. */
export async function drain(url, seconds) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const read = async () => {
    const { rows } = await client.query(
      `SELECT (SELECT count(*) FROM event)::int - (SELECT count(*) FROM event_decision)::int AS undecided,
              (SELECT count(*) FROM event_action WHERE state = 'pending')::int AS pending`,
    );
    return rows[0];
  };
  const atEnd = await read();
  const began = performance.now();
  let now = atEnd;
  while (now.undecided + now.pending > 0 && performance.now() - began < seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    now = await read();
  }
  await client.end();
  const isEmpty = now.undecided + now.pending === 0;
  return { atEnd, drainedSeconds: (performance.now() - began) / 1000, left: now, isEmpty };
}

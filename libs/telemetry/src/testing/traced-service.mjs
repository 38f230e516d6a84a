/** One agent's request as the services treat it: HTTP in, a query, a Kafka record, a call out. Plain JavaScript runs as it is. */
import { createServer } from 'node:http';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { request } from 'undici';
import { traceparent, withTraceparent } from '@backhaul/telemetry';

const { databaseUrl, brokers, topic, outgoing } = JSON.parse(process.argv[2]);
const pool = new pg.Pool({ connectionString: databaseUrl });
const kafka = new kafkajs.Kafka({ clientId: 'traced', brokers, logLevel: 0 });
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
await producer.connect();

const server = createServer(async (_request, response) => {
  await pool.query('select 1');
  const stored = traceparent();
  await producer.send({ topic, messages: [{ value: 'x' }] });
  response.end(JSON.stringify({ stored }));
  // As a relay does later: another turn of the event loop, outside of the request, from what was stored.
  setImmediate(() => withTraceparent(stored, () => request(outgoing).then(({ body }) => body.dump())));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));

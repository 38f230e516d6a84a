import { eventually } from '../eventually.js';
import { asAdmin } from '../faults/offsets.js';
import type { System } from '../faults/system.js';
import { SERVICES } from '../faults/topology.js';
import type { Place } from './marks.js';

/** All that the system says beside its answers: log lines, metrics, each topic's records. */
export async function everyPlace(system: System): Promise<Place[]> {
  return [...logsOf(system), ...(await metricsOf(system)), ...(await topicsOf(system))];
}

/** The simulator stands for somebody else's system. */
const OURS = SERVICES.filter((name) => name !== 'psa-simulator');

const logsOf = ({ fleet }: System): Place[] =>
  OURS.map((name) => ({ name: `log ${name}`, text: fleet.service(name).logs() }));

export async function metricsOf({ fleet }: System): Promise<Place[]> {
  return Promise.all(
    OURS.map(async (name) => {
      const answer = await fetch(`http://127.0.0.1:${fleet.service(name).managementPort}/metrics`);
      return { name: `metrics ${name}`, text: await answer.text() };
    }),
  );
}

/** By one reader for all: each topic with one of its own would take minutes. */
async function topicsOf({ kafka, prefix }: System): Promise<Place[]> {
  const topics = await asAdmin(kafka, async (admin) => {
    const names = (await admin.listTopics()).filter((name) => name.startsWith(prefix));
    return Promise.all(names.map(async (topic) => ({ topic, ends: await admin.fetchTopicOffsets(topic) })));
  });
  const left = new Map(
    topics.flatMap(({ topic, ends }) =>
      ends.filter(({ high }) => high !== '0').map((end) => [`${topic} ${end.partition}`, Number(end.high)]),
    ),
  );
  const records = new Map<string, { bytes: string[]; headers: string[] }>();
  const consumer = kafka.consumer({ groupId: `${prefix}search` });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: topics.map(({ topic }) => topic), fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        const { bytes, headers } = records.get(topic) ?? { bytes: [], headers: [] };
        bytes.push(`${String(message.key)} ${String(message.value)}`);
        headers.push(Object.entries(message.headers ?? {}).join(' '));
        records.set(topic, { bytes, headers });
        const end = left.get(`${topic} ${partition}`) ?? 0;
        if (Number(message.offset) + 1 >= end) left.delete(`${topic} ${partition}`);
      },
    });
    await eventually(() => left.size === 0, { timeoutMs: 60_000 });
  } finally {
    await consumer.disconnect();
  }
  // Apart, as why a record was set aside is our word and its bytes are not.
  return [...records].flatMap(([topic, { bytes, headers }]) => [
    { name: `topic ${topic.slice(prefix.length)}`, text: bytes.join('\n') },
    { name: `headers of ${topic.slice(prefix.length)}`, text: headers.join('\n') },
  ]);
}

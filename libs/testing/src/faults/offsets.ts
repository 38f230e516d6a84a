import type { Admin, Kafka } from 'kafkajs';

export interface Topics {
  kafka: Kafka;
  prefix: string;
}

export async function asAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** How many records of the topic the group has not committed yet. */
export function lagOf({ kafka, prefix }: Topics, group: string, topic: string): Promise<number> {
  return asAdmin(kafka, async (admin) => {
    const topics = [prefix + topic];
    const [committed] = await admin.fetchOffsets({ groupId: prefix + group, topics });
    const done = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    const ends = await admin.fetchTopicOffsets(prefix + topic);
    return ends.reduce(
      (sum, { partition, high }) => sum + Number(high) - Math.max(0, done.get(partition) ?? 0),
      0,
    );
  });
}

/** How many records the topic has ever taken. */
export function endOf({ kafka, prefix }: Topics, topic: string): Promise<number> {
  return asAdmin(kafka, async (admin) =>
    (await admin.fetchTopicOffsets(prefix + topic)).reduce((sum, { high }) => sum + Number(high), 0),
  );
}

/** How many members the group has. */
export function membersOf({ kafka, prefix }: Topics, group: string): Promise<number> {
  return asAdmin(kafka, async (admin) => {
    const { groups } = await admin.describeGroups([prefix + group]);
    return groups[0]?.members.length ?? 0;
  });
}

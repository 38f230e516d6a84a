import type { Topic } from './topics/topic.js';

/** Exactly one handler for every topic that names the service, and none besides: else the service does not start. */
export function assertComplete(
  service: string,
  topics: readonly Topic<object>[],
  handled: readonly string[],
): void {
  const wanted = new Set(topics.map((topic) => topic.name));
  const problems = [
    ...[...wanted].filter((name) => !handled.includes(name)).map((name) => `nothing handles ${name}`),
    ...handled
      .filter((name) => !wanted.has(name))
      .map((name) => `${name} has a handler, but is none of the topics that ${service} takes here`),
    ...handled
      .filter((name, index) => handled.indexOf(name) !== index)
      .map((name) => `two handlers of ${name}`),
  ];
  if (problems.length) throw new Error(`${service} cannot start: ${problems.join('; ')}`);
}

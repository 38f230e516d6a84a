/**
 * Prefix and subject in at most `max` code units (D24): the subject is cut at a word, the prefix stays whole unless it
 * alone is too long. A blank prefix leaves no space. A subject that carries the prefix already keeps just one.
 */
export function fitSummary(prefix: string | undefined, subject: string, max: number): string {
  const head = (prefix ?? '').trim();
  const text = subject.replace(/\s+/g, ' ').trim();
  if (head === '') return cutAtWord(text, max);
  const start = `${head} `;
  const rest = text.startsWith(start) ? text.slice(start.length) : text;
  const room = max - start.length;
  return room <= 0 ? cutHard(head, max) : `${start}${cutAtWord(rest, room)}`.trimEnd();
}

/** Text in at most `max` code units, no emoji cut in two. */
export function cutHard(text: string, max: number): string {
  if (text.length <= max) return text;
  const isSplit = /[\uD800-\uDBFF]/.test(text[max - 1] ?? '');
  return text.slice(0, isSplit ? max - 1 : max);
}

function cutAtWord(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 2) return cutHard(text, max);
  const cut = cutHard(text, max - 1);
  const isWordEnd = text[cut.length] === ' ';
  const space = isWordEnd ? cut.length : cut.lastIndexOf(' ');
  // One word longer than half of the room is cut inside: better than losing it.
  return `${(space > max / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** Node 24 has it; the ES2023 library that we compile against does not name it yet. */
type WellFormed = string & { toWellFormed(): string };

/** Text that PostgreSQL and UTF-8 can hold: lone surrogates become U+FFFD, NUL is dropped. */
export function toWellFormedText(text: string): string {
  const wellFormed = (text as WellFormed).toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '') : wellFormed;
}

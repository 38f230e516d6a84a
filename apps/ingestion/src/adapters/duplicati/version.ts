/** `2.3.0.4 (2.3.0.4_stable_2026-07-09)`: the number alone. */
export function versionIn(text: string | null): string | null {
  if (text === null) return null;
  const end = text.indexOf(' ');
  return end < 0 ? text : text.slice(0, end);
}

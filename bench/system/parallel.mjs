/** Runs `work` over the items, so many at once. */
export async function inParallel(items, width, work) {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

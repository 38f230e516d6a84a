/**
 * Ends this process when the one that wanted it is gone, so that even `kill -9` of the starter leaves no orphan.
 * Preloaded into every process we start (`node --import`), or called with a clean-up of its own.
 */
const owner = Number(process.env.BACKHAUL_OWNER_PID ?? 0);

export function onOwnerGone(act) {
  if (!owner) return;
  const timer = setInterval(() => {
    try {
      process.kill(owner, 0);
    } catch {
      clearInterval(timer);
      act();
    }
  }, 500);
  timer.unref();
}

if (!process.env.BACKHAUL_LIFELINE_MANUAL) {
  onOwnerGone(() => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), 5000).unref();
  });
}

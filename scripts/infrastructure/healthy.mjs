/** Health check of a container without curl: `node healthy.mjs <management port>`. */
const answer = await fetch(`http://127.0.0.1:${process.argv[2]}/health/ready`, {
  signal: AbortSignal.timeout(3000),
}).catch(() => null);
process.exit(answer?.ok ? 0 : 1);

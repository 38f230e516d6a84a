import { pino } from 'pino';
import { readConfig } from './config.js';
import { startSimulator } from './simulator.js';

const config = readConfig();
const logger = pino({ level: config.LOG_LEVEL, base: { service: 'psa-simulator' } });
const simulator = await startSimulator({
  host: config.HOST,
  port: config.PORT,
  managementPort: config.MANAGEMENT_PORT,
  dataFile: config.DATA_FILE ?? null,
});
logger.info({ url: simulator.url, managementUrl: simulator.managementUrl }, 'listening');

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await simulator.close();
  logger.info('stopped');
}
process.once('SIGTERM', () => void stop());
process.once('SIGINT', () => void stop());

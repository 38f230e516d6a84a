import { runMain } from '@backhaul/http';
import { createLogger } from '@backhaul/telemetry';
import { readConfig } from './config.js';
import { createGateway } from './gateway.js';

runMain(async () => {
  const config = readConfig();
  const logger = createLogger({ service: 'gateway', level: config.LOG_LEVEL });
  runMain(async () => (await createGateway(config, logger)).listen(), logger);
});

import { runMain } from '@backhaul/http';
import { createLogger } from '@backhaul/telemetry';
import { readConfig } from './config.js';
import { createService, NAME } from './service.js';

runMain(async () => {
  const config = readConfig();
  const logger = createLogger({ service: NAME, level: config.LOG_LEVEL });
  runMain(async () => (await createService(config, logger)).listen(), logger);
});

/** A service in a process of its own, from the built lib; settings come as one JSON argument. Plain JavaScript runs as it is. */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { pino } from 'pino';
import { createHttpApp, Public, runMain } from '@backhaul/http';

const settings = JSON.parse(process.argv[2]);
const logger = pino({ level: 'info' });
const order = [];

class WorkController {
  async work() {
    await sleep(settings.workMs ?? 15);
    return { pid: process.pid };
  }
  hang() {
    return new Promise(() => undefined);
  }
}
const route = (name, decorator) =>
  decorator(WorkController.prototype, name, Object.getOwnPropertyDescriptor(WorkController.prototype, name));
route('work', Post('work'));
route('hang', Get('hang'));
Public()(WorkController);
Controller()(WorkController);

class RootModule {
  onApplicationShutdown() {
    order.push('application');
  }
}
Module({ controllers: [WorkController] })(RootModule);

runMain(async () => {
  const app = await createHttpApp(RootModule, {
    name: 'child',
    host: '127.0.0.1',
    port: settings.port,
    managementPort: settings.managementPort,
    logger,
    shutdown: settings.shutdown ?? {},
    onDrain: async () => void order.push('drain'),
    onStop: async () => {
      order.push('stop');
      logger.info({ order }, 'order');
    },
  });
  await app.listen();
}, logger);

import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, register } from 'prom-client';
import { Problem } from '../problems/problem.js';
import { sendProblem } from '../problems/problem.filter.js';
import {
  apiPressureOf,
  classOfRequest,
  type LoadClass,
  type LoadSignals,
  pressureOf,
  shedAt,
} from './load.js';

const LOOK_EVERY_MS = 1000;
const RETRY_AFTER_S = 10;
/** The share of a look in what is acted on: a pause of one second is no load, and what was sent away comes back by and by. */
const WEIGHT = 0.3;

export interface LoadProbe {
  /** Never throws; what cannot be read is left out. */
  read(): Promise<LoadSignals>;
  stop(): void;
}

/** Sends away what can wait while there is more to do than can be done. */
export class LoadShedder {
  private pressure = 0;
  private apiPressure = 0;
  private shed: ReadonlySet<LoadClass> = new Set();
  private isLooking = false;
  private timer: NodeJS.Timeout | null = null;
  private readonly refused = counterOf('requests_shed_total', 'Requests sent away under load', ['class']);
  private readonly gauge = gaugeOf('load_pressure', 'Times over what counts as busy');

  constructor(private readonly probe: LoadProbe) {}

  start(): void {
    this.timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.probe.stop();
  }

  async look(): Promise<void> {
    // A probe that waits long says so with its next figure.
    if (this.isLooking) return;
    this.isLooking = true;
    const signals = await this.probe.read();
    this.isLooking = false;
    this.pressure += (pressureOf(signals) - this.pressure) * WEIGHT;
    this.apiPressure += (apiPressureOf(signals) - this.apiPressure) * WEIGHT;
    this.gauge.set(this.pressure);
    this.shed = shedAt(this.pressure, signals, this.apiPressure);
  }

  /** @throws Problem 503 where things of that class are sent away now */
  admit(what: LoadClass): void {
    if (!this.shed.has(what)) return;
    this.refused.inc({ class: what });
    throw Problem.tooBusy(
      RETRY_AFTER_S,
      'There is more to do than can be done right now; send it again later.',
    );
  }

  /** Judges what comes below `/api/v1/` by its head alone: its body is not read, nor its credential looked up. */
  guard(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      const what = classOfRequest(request.method, request.url);
      try {
        if (what) this.admit(what);
        done();
      } catch (error) {
        // The body is not read, so the connection cannot be used for another request.
        reply.header('connection', 'close');
        sendProblem(error as Problem, request, reply);
      }
    });
  }
}

function counterOf(name: string, help: string, labelNames: string[]): Counter {
  return (register.getSingleMetric(name) as Counter | undefined) ?? new Counter({ name, help, labelNames });
}

function gaugeOf(name: string, help: string): Gauge {
  return (register.getSingleMetric(name) as Gauge | undefined) ?? new Gauge({ name, help });
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const LISTEN =
  "const s=require('node:net').createServer();s.listen({host:'127.0.0.1',port:0,backlog:1},()=>console.log(s.address().port))";
/** More than the kernel queues for a backlog of one. */
const FILLERS = 8;

/** A server whose queue is full and which accepts nobody: a new connection is never answered. */
export async function frozenServer(): Promise<{ port: number; close(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const fillers: Socket[] = Array.from({ length: FILLERS }, () => connect(port, '127.0.0.1'));
  for (const filler of fillers) filler.on('error', () => undefined);
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  const close = async (): Promise<void> => {
    fillers.forEach((filler) => filler.destroy());
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { port, close };
}

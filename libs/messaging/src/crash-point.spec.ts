import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { stripTypeScriptTypes } from 'node:module';
import { readFileSync } from 'node:fs';

const source = stripTypeScriptTypes(readFileSync(new URL('./crash-point.ts', import.meta.url), 'utf8'));
const program = `${source}
for (let i = 1; i <= 4; i += 1) { process.stdout.write(String(i)); crashPoint('here', 'subject ' + i); }`;

function run(crashAt?: string, crashBy?: string) {
  const env = { ...(crashAt && { CRASH_AT: crashAt }), ...(crashBy && { CRASH_BY: crashBy }) };
  const { stdout, signal, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env,
    encoding: 'utf8',
  });
  return { stdout, signal, status };
}

describe('a crash point', () => {
  it('does nothing unless it is named', () => {
    expect(run()).toEqual({ stdout: '1234', signal: null, status: 0 });
    expect(run('elsewhere')).toEqual({ stdout: '1234', signal: null, status: 0 });
  });

  it('kills the process where it stands, at the pass that is asked for', () => {
    expect(run('here')).toEqual({ stdout: '1', signal: 'SIGKILL', status: null });
    expect(run('here#3')).toEqual({ stdout: '123', signal: 'SIGKILL', status: null });
  });

  it('can be bound to one subject', () => {
    expect(run('here=subject 2')).toEqual({ stdout: '12', signal: 'SIGKILL', status: null });
    expect(run('here=nobody')).toEqual({ stdout: '1234', signal: null, status: 0 });
  });

  it('can take another signal', () => {
    expect(run('here', 'SIGTERM')).toMatchObject({ stdout: '1', signal: 'SIGTERM' });
  });
});

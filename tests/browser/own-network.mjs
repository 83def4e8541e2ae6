// SPDX-License-Identifier: LGPL-2.1-or-later
// Tests in a network of their own: a file that calls testInOwnNetwork() runs itself again inside one. Where a machine
// lets us make none, there is nothing to test.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const INSIDE = 'MILLRACE_OWN_NETWORK';
const unshare = ['--net', ...(process.getuid() === 0 ? [] : ['--map-root-user'])];
const LIMIT = ['rate', '1mbit', 'burst', '16kb', 'latency', '300ms'];

export const run = (program, ...options) => execFileSync(program, options, { stdio: ['ignore', 2, 2] });

// A limit on what leaves by `device`; `within` are words to put before the command.
export const limit = (device, ...within) => run(...within, 'tc', 'qdisc', 'add', 'dev', device, 'root', 'tbf', ...LIMIT);
export const unlimit = (device, ...within) => run(...within, 'tc', 'qdisc', 'del', 'dev', device, 'root');

// Why not, or null.
function cannotMakeNetwork() {
  const attempt = `ip link set lo up mtu 1500 && tc qdisc add dev lo root tbf ${LIMIT.join(' ')}`;
  const { error, status, stderr } = spawnSync('unshare', [...unshare, 'sh', '-c', attempt], { encoding: 'utf8' });
  return status === 0 ? null : `no network of its own can be made here: ${error?.message ?? stderr.trim()}`;
}

// `file`: import.meta.url of the one that calls.
export function testInOwnNetwork(file, name, body) {
  if (process.env[INSIDE]) {
    test(name, body);
    return;
  }
  const skip = cannotMakeNetwork();
  if (skip) {
    test(name, { skip });
    return;
  }
  const again = [...unshare, process.execPath, ...process.execArgv, fileURLToPath(file)];
  const { status } = spawnSync('unshare', again, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
  process.exit(status ?? 1);
}

// A second network behind a cable: `server` is our address there, `within` the words that run a program in it, and
// `device` its end of the cable, which can be limited without limiting what goes the other way.
export async function otherEnd() {
  const inner = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
  await once(inner, 'spawn');
  const within = ['nsenter', '-t', String(inner.pid), '-n'];
  const ours = execFileSync('readlink', ['/proc/self/ns/net']).toString();
  while (execFileSync('readlink', [`/proc/${inner.pid}/ns/net`]).toString() === ours) await new Promise((next) => setTimeout(next, 20));
  run('ip', 'link', 'set', 'lo', 'up');
  run('ip', 'link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there', 'netns', String(inner.pid));
  run('ip', 'addr', 'add', '10.77.0.1/24', 'dev', 'here');
  run('ip', 'link', 'set', 'here', 'up');
  run(...within, 'ip', 'addr', 'add', '10.77.0.2/24', 'dev', 'there');
  run(...within, 'ip', 'link', 'set', 'there', 'up');
  run(...within, 'ip', 'link', 'set', 'lo', 'up');
  return { server: '10.77.0.2', within, device: 'there', close: () => inner.kill() };
}

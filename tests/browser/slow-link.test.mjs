// SPDX-License-Identifier: LGPL-2.1-or-later
// A viewer whose network becomes slow and fast again, in a network of the test's own: its loopback, which server and
// browser are alone on, is given a limit. Where a machine does not let us make one, there is nothing to test.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchChromium } from './chromium.mjs';
import { openWithClock, until } from './measure.mjs';
import { freePort, startLadder } from './stream.mjs';

const INSIDE = 'MILLRACE_OWN_NETWORK';
const LIMIT = ['rate', '1mbit', 'burst', '16kb', 'latency', '300ms'];
const unshare = ['--net', ...(process.getuid() === 0 ? [] : ['--map-root-user'])];
const run = (program, ...options) => execFileSync(program, options, { stdio: ['ignore', 2, 2] });

// Why not, or null.
function cannotMakeNetwork() {
  const attempt = `ip link set lo up mtu 1500 && tc qdisc add dev lo root tbf ${LIMIT.join(' ')}`;
  const { error, status, stderr } = spawnSync('unshare', [...unshare, 'sh', '-c', attempt], { encoding: 'utf8' });
  return status === 0 ? null : `no network of its own can be made here: ${error?.message ?? stderr.trim()}`;
}

async function goDownAndUp() {
  run('ip', 'link', 'set', 'lo', 'up', 'mtu', '1500');  // as a real link has: the limit is one of packets
  const browser = await launchChromium();
  const stream = await startLadder({ path: 'live/clock', port: await freePort(), noise: true });
  try {
    const page = await openWithClock(browser, stream.url);
    const rungIs = (name, state) => page.evaluate((wanted) => { window.wanted = wanted; }, { name, state })
      .then(() => until(page, () => document.querySelector('#rungs [data-playing]')?.value === window.wanted.name
        && document.documentElement.dataset.state === 'playing', 90));
    await rungIs('360p');
    run('tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'tbf', ...LIMIT);
    await rungIs('180p');
    await page.evaluate(() => { window.from = document.querySelector('video').currentTime; });
    await until(page, () => document.querySelector('video').currentTime > window.from + 10, 90);  // it goes on
    run('tc', 'qdisc', 'del', 'dev', 'lo', 'root');
    await rungIs('360p');
    assert.deepEqual(page.problems, []);
  } finally {
    await browser.close();
    await stream.stop();
  }
}

if (process.env[INSIDE]) {
  test('a slow link plays a lower rendition, and the best one again when it is fast', goDownAndUp);
} else {
  const skip = cannotMakeNetwork();
  if (skip) {
    test('a slow link plays a lower rendition, and the best one again when it is fast', { skip });
  } else {
    const again = [...unshare, process.execPath, ...process.execArgv, fileURLToPath(import.meta.url)];
    const { status } = spawnSync('unshare', again, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
    process.exit(status ?? 1);
  }
}

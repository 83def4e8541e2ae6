// SPDX-License-Identifier: LGPL-2.1-or-later
// A headless Chromium for the tests: Debian's, driven by the pinned playwright-core. Knows no page.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
// Where playwright-core is put and screenshots go: never the source tree.
export const workDir = process.env.MILLRACE_BROWSER_DIR ?? join(here, '../../build/tests/browser');

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-proxy-server', '--no-pings',
  '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

// What is installed is what the lock file says. (Debian 12 has Node.js 18: later versions than the pinned one want 20.)
function isInstalled() {
  const lock = 'package-lock.json';
  return existsSync(join(workDir, 'node_modules/playwright-core'))
    && readFileSync(join(workDir, lock), 'utf8') === readFileSync(join(here, lock), 'utf8');
}

function playwright() {
  if (!isInstalled()) {
    mkdirSync(workDir, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(here, file), join(workDir, file));
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: workDir, stdio: ['ignore', 2, 2] });
  }
  return createRequire(join(workDir, 'package.json'))('playwright-core');
}

// A camera and a microphone that there are; and a person who allows all that is asked.
const DEVICES = ['--use-fake-device-for-media-stream'];
const ALLOWED = [...DEVICES, '--use-fake-ui-for-media-stream', '--auto-select-desktop-capture-source=Entire screen'];

// `host`: another address than this machine's own that it may reach; `name`: what this machine is called, too.
// `devices`: 'allowed', 'denied', or none.
export function launchChromium({ host, name, devices } = {}) {
  const args = [...FLAGS];
  if (host) args.push(`--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${host}`);
  if (name) args.push(`--host-resolver-rules=MAP ${name} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`);
  if (devices) args.push(...(devices === 'allowed' ? ALLOWED : DEVICES));
  return playwright().chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args });
}

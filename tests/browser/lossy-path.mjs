// SPDX-License-Identifier: LGPL-2.1-or-later
// A UDP port before another one that loses some of what passes, both ways: a bad network on any machine.
import { createSocket } from 'node:dgram';

const BUFFER = 1 << 20;  // what is lost is lost here, and is counted

// The same every time (mulberry32).
function dice(seed) {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 2 ** 32;
  };
}

async function open() {
  const socket = createSocket('udp4');
  await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
  socket.setRecvBufferSize(BUFFER);
  return socket;
}

// Each sender gets a socket of its own towards `target`, as behind a NAT. `loss` is 0 to 1, 0 at first.
export class LossyPath {
  loss = 0;
  lost = 0;
  passed = 0;
  #dice = dice(1);
  #behind = new Map();  // by sender: a socket

  static async before(target) {
    const self = new LossyPath();
    self.target = target;
    self.front = await open();
    self.port = self.front.address().port;
    self.front.on('message', (datagram, sender) => self.#onward(datagram, sender));
    return self;
  }

  close() {
    this.front.close();
    for (const socket of this.#behind.values()) socket.close();
  }

  async #onward(datagram, sender) {
    if (this.#loses()) return;
    const name = `${sender.address}:${sender.port}`;
    if (!this.#behind.has(name)) this.#behind.set(name, this.#back(sender));
    const behind = await this.#behind.get(name);
    behind.send(datagram, this.target, '127.0.0.1');
  }

  async #back(sender) {
    const socket = await open();
    socket.on('message', (datagram) => { if (!this.#loses()) this.front.send(datagram, sender.port, sender.address); });
    this.#behind.set(`${sender.address}:${sender.port}`, socket);
    return socket;
  }

  #loses() {
    const loses = this.#dice() < this.loss;
    this[loses ? 'lost' : 'passed']++;
    return loses;
  }
}

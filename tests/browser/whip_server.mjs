// SPDX-License-Identifier: LGPL-2.1-or-later
// A site with a WHIP server for the tests: the pages as they are in the source tree, and another page of the same browser
// that takes what is published. Says what publishers asked of it, and refuses or loses them where a test wants that.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const peer = readFileSync(new URL('whip_peer.js', import.meta.url), 'utf8');
const pages = new URL('../../plugins/common/web/pages/', import.meta.url);
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
// As the site sends it.
const POLICY = readFileSync(new URL('../replies.cpp', pages), 'utf8').match(/kPolicy =([^;]|;(?! *\n\n))*;\n/)[0]
  .match(/"([^"]*)"/g).map((part) => part.slice(1, -1)).join('');

async function textOf(message) {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return text;
}

export class WhipServer {
  refusals = [];      // { status, headers, problem }, each for one POST to come; `lasting` for all
  headers = {};       // more of them, of a 201
  changed = (answer) => answer;  // what becomes of an answer
  restarts = true;    // or else a PATCH finds no session
  posts = [];         // { path, offer, authorization, type }
  patches = [];       // { fragment, ifMatch, type, authorization }
  deletes = [];       // { id, authorization }
  live = new Set();   // ids of the sessions that were not given back

  static async start(browser, port = 0) {
    const self = new WhipServer();
    self.browser = browser;
    self.page = await (await browser.newContext()).newPage();
    await self.page.evaluate(peer);
    self.http = createServer((from, to) => self.#serve(from, to).catch((error) => to.destroy(error)));
    await self.listen(port);
    return self;
  }

  async listen(port) {
    await new Promise((listening) => this.http.listen(port, '127.0.0.1', listening));
    this.port = this.http.address().port;
    this.base = `http://127.0.0.1:${this.port}`;
  }

  // Nobody answers any more; what is published goes on.
  async hide() {
    this.http.closeAllConnections();
    await new Promise((closed) => this.http.close(closed));
  }

  async stop() {
    if (this.http.listening) await this.hide();
    await this.page.context().close();
  }

  get session() { return [...this.live].at(-1); }
  received() { return this.page.evaluate((id) => window.whipPeer.received(id), this.session); }

  // All sessions end, which DTLS tells the publishers.
  async lose() {
    for (const id of this.live) await this.page.evaluate((which) => window.whipPeer.close(which), id);
    this.live.clear();
  }

  async #serve(from, to) {
    const { pathname } = new URL(from.url, this.base);
    if (from.method === 'POST' && pathname.endsWith('/whip')) return this.#publish(from, to, pathname);
    if (pathname.includes('/whip/')) return this.#ofSession(from, to, pathname.slice(pathname.lastIndexOf('/') + 1));
    if (pathname.includes('/assets/')) return this.#send(to, pathname.slice(pathname.lastIndexOf('/') + 1));
    if (pathname === '/paths.json') {
      to.writeHead(200, { 'Content-Type': 'application/json' });
      return to.end(JSON.stringify({ now: Date.now(), publish: true, paths: [] }));
    }
    if (pathname.endsWith('/publish')) return this.#send(to, 'publish.html', pathname);
    if (pathname === '/') return this.#send(to, 'index.html', pathname);
    to.writeHead(404).end();
  }

  #send(to, name, pathname) {
    if (name === 'hls.min.mjs') return to.writeHead(200, { 'Content-Type': TYPES.js }).end('export default null;');  // made by the build
    let body;
    try { body = readFileSync(new URL(name, pages)); } catch { return to.writeHead(404).end(); }
    const headers = { 'Content-Type': TYPES[name.split('.').at(-1)] };
    if (pathname) {
      const root = '../'.repeat(pathname.split('/').length - 2) || './';
      body = body.toString().replaceAll('{{assets}}', `${root}assets/x`).replaceAll('{{root}}', root);
      headers['Content-Security-Policy'] = POLICY;
    }
    to.writeHead(200, headers).end(body);
  }

  #refuse(to, { status, headers, problem }) {
    to.writeHead(status, { ...(problem ? { 'Content-Type': 'application/problem+json' } : {}), ...headers });
    to.end(problem ? JSON.stringify(problem) : '');
  }

  async #publish(from, to, pathname) {
    const offer = await textOf(from);
    this.posts.push({ path: pathname, offer, authorization: from.headers.authorization, type: from.headers['content-type'] });
    const refusal = this.refusals[0];
    if (refusal) {
      if (!refusal.lasting) this.refusals.shift();
      return this.#refuse(to, refusal);
    }
    const id = String(this.posts.length);
    this.live.add(id);
    const answer = await this.page.evaluate(([...args]) => window.whipPeer.answer(...args), [id, offer]);
    to.writeHead(201, { 'Content-Type': 'application/sdp', Location: `${pathname}/${id}`, ETag: `"${id}"`, ...this.headers });
    to.end(this.changed(answer));
  }

  async #ofSession(from, to, id) {
    const { authorization } = from.headers;
    const body = await textOf(from);
    if (from.method === 'PATCH') {
      this.patches.push({ fragment: body, ifMatch: from.headers['if-match'], type: from.headers['content-type'], authorization });
      if (!this.restarts || !this.live.has(id)) return this.#refuse(to, { status: 404 });
      const fragment = await this.page.evaluate(([...args]) => window.whipPeer.restart(...args), [id, body]);
      return to.writeHead(200, { 'Content-Type': 'application/trickle-ice-sdpfrag', ETag: '"again"' }).end(fragment);
    }
    if (from.method !== 'DELETE') return to.writeHead(405).end();
    this.deletes.push({ id, authorization });
    this.live.delete(id);
    await this.page.evaluate((which) => window.whipPeer.close(which), id);
    to.writeHead(200).end();
  }
}

// SPDX-License-Identifier: LGPL-2.1-or-later
// A WHEP server for the tests, in front of the site that serves the pages: its paths are given an output of kind whep,
// and what that sends comes from another page of the same browser. Says what the viewers asked of it, and refuses or
// loses them where a test wants that.
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';

const peer = readFileSync(new URL('whep_peer.js', import.meta.url), 'utf8');

async function textOf(message) {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return text;
}

export class WhepServer {
  outputs = null;            // in place of what the site says a path has
  kinds = ['video', 'audio'];
  reachable = true;          // or else no candidate of its answers is
  refusals = [];             // { status, headers, problem }, each for one POST to come; `lasting` for all
  renditions = null;         // what it says there are, as the header has it
  posts = [];                // offers
  asked = [];                // the rendition that each of them asked for, or null
  live = new Set();          // ids of the sessions that were not given back
  ended = 0;                 // sessions that were

  // site: "http://127.0.0.1:1234"
  static async start(browser, site) {
    const self = new WhepServer();
    self.site = new URL(site);
    self.browser = browser;
    await self.#openPeer();
    self.http = createServer((from, to) => self.#serve(from, to).catch((error) => to.destroy(error)));
    await new Promise((listening) => self.http.listen(0, '127.0.0.1', listening));
    self.base = `http://127.0.0.1:${self.http.address().port}`;
    return self;
  }

  async stop() {
    this.http.close();
    this.http.closeAllConnections();
    await this.page.context().close();
  }

  // All sessions end, which DTLS tells the viewers.
  async lose() {
    for (const id of this.live) await this.page.evaluate((which) => window.whepPeer.close(which), id);
  }

  // All sessions fall silent.
  async crash() {
    const crashed = this.page.waitForEvent('crash');
    this.page.goto('chrome://crash').catch(() => {});
    await crashed;
    await this.page.context().close();
    await this.#openPeer();
  }

  async #openPeer() {
    this.page = await (await this.browser.newContext()).newPage();
    await this.page.evaluate(peer);
  }

  async #serve(from, to) {
    const { pathname, searchParams } = new URL(from.url, this.base);
    if (pathname.endsWith('/whep')) return this.#subscribe(from, to, pathname, searchParams.get('rendition'));
    if (pathname.includes('/whep/')) return this.#unsubscribe(to, pathname);
    this.#pass(from, to, /\/(outputs|paths)\.json$/.test(pathname));
  }

  async #subscribe(from, to, pathname, rendition) {
    const offer = await textOf(from);
    this.posts.push(offer);
    this.asked.push(rendition);
    const refusal = this.refusals[0];
    if (refusal) {
      if (!refusal.lasting) this.refusals.shift();
      to.writeHead(refusal.status, { 'Content-Type': 'application/problem+json', ...refusal.headers });
      return to.end(JSON.stringify(refusal.problem ?? {}));
    }
    const id = String(this.posts.length);
    this.live.add(id);
    const answer = await this.page.evaluate(([...args]) => window.whepPeer.answer(...args), [id, offer, this.kinds]);
    const said = this.renditions ? { 'Millrace-Renditions': this.renditions } : {};
    to.writeHead(201, { 'Content-Type': 'application/sdp', Location: `${pathname}/${id}`, ETag: `"${id}"`, ...said });
    to.end(this.reachable ? answer : answer.replace(/^a=candidate.*\r\n/gm, ''));
  }

  async #unsubscribe(to, pathname) {
    const id = pathname.slice(pathname.lastIndexOf('/') + 1);
    if (this.live.delete(id)) this.ended++;
    await this.page.evaluate((which) => window.whepPeer.close(which), id);
    to.writeHead(200).end();
  }

  #pass(from, to, isListing) {
    const { hostname, port } = this.site;
    const onward = request({ hostname, port, path: from.url, method: from.method, headers: from.headers }, async (answer) => {
      if (!isListing || answer.statusCode !== 200) return answer.pipe(to.writeHead(answer.statusCode, answer.headers));
      const listing = JSON.parse(await textOf(answer));
      if (this.outputs) for (const place of listing.paths ?? [listing]) place.outputs = this.outputs;
      to.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      to.end(JSON.stringify(listing));
    });
    onward.on('error', (error) => to.destroy(error));
    to.on('close', () => onward.destroy());
    from.pipe(onward);
  }
}

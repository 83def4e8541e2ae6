// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTTP side of WHEP (draft-ietf-wish-whep) and WHIP (RFC 9725): an offer becomes a session, its ICE is restarted, and
// it is given back. Knows no media.

// The server said no. `title` and `detail` are what it says of it (RFC 9457), for people to read.
export class Refusal extends Error {
  constructor(response, problem) {
    super(problem.title || `The server answered ${response.status}`);
    this.status = response.status;
    this.detail = problem.detail ?? '';
    this.retryAfter = retryAfter(response);  // ms, or null
  }
}

// RFC 9110 section 10.2.3: seconds, or a date.
function retryAfter(response) {
  const value = response.headers.get('Retry-After');
  if (!value) return null;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

async function problemOf(response) {
  if (!response.headers.get('Content-Type')?.startsWith('application/problem+json')) return {};
  return response.json().catch(() => ({}));
}

// RFC 9725 section 4.6: Link: <turn:example.net?transport=udp>; rel="ice-server"; username="user"; credential="secret"
function iceServersOf(response) {
  const links = [...(response.headers.get('Link') ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+))*)/g)];
  return links.flatMap(([, urls, rest]) => {
    const parameters = Object.fromEntries([...rest.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]+))/g)]
      .map(([, name, quoted, plain]) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain]));
    if (parameters.rel !== 'ice-server') return [];
    const { username, credential } = parameters;
    return [username === undefined ? { urls } : { urls, username, credential }];
  });
}

const authorized = (token) => (token ? { Authorization: `Bearer ${token}` } : {});

async function post(url, offer, token) {
  const headers = { 'Content-Type': 'application/sdp', ...authorized(token) };
  const response = await fetch(url, { method: 'POST', headers, body: offer });
  if (response.status !== 201) throw new Refusal(response, await problemOf(response));
  const location = response.headers.get('Location');
  return { response, answer: await response.text(), resource: location && new URL(location, response.url).href };
}

// The renditions that the stream has, the best one first, from a header such as
//   Millrace-Renditions: 720p;bitrate=2500000, 360p;bitrate=800000
function renditionsOf(response) {
  const items = (response.headers.get('Millrace-Renditions') ?? '').split(',').map((item) => item.trim()).filter(Boolean);
  return items.map((item) => {
    const [name, ...parameters] = item.split(';').map((part) => part.trim());
    const bitrate = parameters.find((parameter) => parameter.startsWith('bitrate='))?.slice('bitrate='.length);
    return { name, bitrate: Number(bitrate) || 0 };
  });
}

// Asks for the stream; resolves with { answer, resource, renditions }. Throws a Refusal, or what fetch throws without an
// answer.
export async function subscribe(url, offer) {
  const { response, answer, resource } = await post(url, offer);
  return { answer, resource, renditions: renditionsOf(response) };
}

// Offers a stream; resolves with { answer, resource, etag, iceServers }. Throws as subscribe() does.
export async function publish(url, offer, token) {
  const { response, answer, resource } = await post(url, offer, token);
  return { answer, resource, etag: response.headers.get('ETag'), iceServers: iceServersOf(response) };
}

// RFC 9725 section 4.3.2: resolves with { fragment, etag }, the server's side of the new ICE session.
export async function restart(resource, fragment, token) {
  const headers = { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*', ...authorized(token) };
  const response = await fetch(resource, { method: 'PATCH', headers, body: fragment });
  if (response.status !== 200) throw new Refusal(response, await problemOf(response));
  return { fragment: await response.text(), etag: response.headers.get('ETag') };
}

// Also while the page is being left: the request outlives it. A server that does not hear it finds out by itself.
export async function giveBack(resource, token) {
  if (resource) await fetch(resource, { method: 'DELETE', headers: authorized(token), keepalive: true }).catch(() => {});
}

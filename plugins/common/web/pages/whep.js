// SPDX-License-Identifier: LGPL-2.1-or-later
// The HTTP side of WHEP (draft-ietf-wish-whep): an offer becomes a session, and a session is given back. Knows no media.

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
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer });
  if (response.status !== 201) throw new Refusal(response, await problemOf(response));
  const location = response.headers.get('Location');
  return {
    answer: await response.text(),
    resource: location && new URL(location, response.url).href,
    renditions: renditionsOf(response),
  };
}

// Also while the page is being left: the request outlives it. A server that does not hear it finds out by itself.
export async function unsubscribe(resource) {
  if (resource) await fetch(resource, { method: 'DELETE', keepalive: true }).catch(() => {});
}

import { randomBytes } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { Html } from './html.ts';
import page from './page.html';

/** Sends a page whose styles and scripts are its own: everything else is forbidden by its Content-Security-Policy. */
function send(reply: FastifyReply, nonce: string, text: string): FastifyReply {
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return reply
    .header('content-security-policy', policy.join('; '))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(text);
}

const newNonce = () => randomBytes(16).toString('base64');

export function sendFlowPage(reply: FastifyReply): FastifyReply {
  const nonce = newNonce();
  return send(reply, nonce, page.replaceAll('{{nonce}}', nonce));
}

const style = `
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 1180px; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; } h1, h2, td, p { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8886; vertical-align: baseline; }
.number { text-align: right; } .number, .time { font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: light-dark(#1a7f4b, #5cc98e); } .warn { color: light-dark(#9a6300, #e2ac4b); } .bad { color: light-dark(#b3261e, #ff8a80); }
.soft, small { color: light-dark(#5b6676, #9aa6b5); font-weight: normal; } .place { white-space: nowrap; }
.empty { border: 1px dashed #8888; border-radius: .5rem; padding: 1rem; }
form { display: flex; flex-wrap: wrap; gap: .5rem 1rem; margin-bottom: 1rem; } input, select, button { font: inherit; max-width: 12rem; }
.scroll { overflow-x: auto; }
`;

/** A list or a detail behind the flow page. */
export function sendDocument(reply: FastifyReply, title: string, body: Html): FastifyReply {
  const nonce = newNonce();
  const text = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Isthmus: ${title}</title><link rel="icon" href="data:,"><style nonce="${nonce}">${style}</style></head>
<body><p><a href="/">Flow</a></p><div class="scroll">${body.text}</div></body></html>
`;
  return send(reply, nonce, text);
}

'use strict';

/* One socket, kept for as long as the server lives, in whichever process. What a test wants to know is in window.chat. */
const chat = { socket: null, socketsOpened: 0, generations: [] };
window.chat = chat;

const $ = (id) => document.getElementById(id);
const MAX_SHOWN = 500;

const me = {
  room: new URLSearchParams(location.search).get('room') || remembered('room') || 'lobby',
  name: new URLSearchParams(location.search).get('name') || remembered('name') || someName(),
  last: 0,
  in: '',
};

function remembered(key) {
  try { return sessionStorage.getItem('chat.' + key); } catch { return null; }
}

function remember(key, value) {
  try { sessionStorage.setItem('chat.' + key, value); } catch { /* then not */ }
}

function someName() {
  const first = ['Amber', 'Brisk', 'Clever', 'Dapper', 'Gentle', 'Lucky', 'Merry', 'Nimble', 'Quiet', 'Witty'];
  const second = ['Badger', 'Falcon', 'Heron', 'Lynx', 'Marten', 'Otter', 'Raven', 'Stoat', 'Tern', 'Vole'];
  const any = (list) => list[Math.floor(Math.random() * list.length)];
  return any(first) + ' ' + any(second);
}

/* ---- the socket ---- */

let openedAt = 0;
let retryMillis = 250;

function connect() {
  link('connecting', 'Connecting…');
  const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
  const socket = new WebSocket(scheme + location.host + '/chat');
  chat.socket = socket;
  chat.socketsOpened++;
  socket.onopen = () => {
    openedAt = performance.now();
    retryMillis = 250;
    link('open', 'Connected');
    join();
  };
  socket.onmessage = (event) => {
    const frame = JSON.parse(event.data);
    const hear = hears[frame.type];
    if (hear) hear(frame);
  };
  socket.onclose = (event) => {
    link('closed', 'Disconnected' + (event.reason ? ': ' + event.reason : ''));
    pings.clear();
    setTimeout(connect, retryMillis * (0.75 + Math.random() / 2));
    retryMillis = Math.min(retryMillis * 2, 8000);
    $('upgrade').disabled = true;
  };
}

function send(request) {
  if (chat.socket && chat.socket.readyState === WebSocket.OPEN) {
    chat.socket.send(JSON.stringify(request));
    return true;
  }
  return false;
}

function join() {
  send({ type: 'join', room: me.room, name: me.name, after: me.in === me.room ? me.last : 0 });
}

function link(state, text) {
  $('link').dataset.state = state;
  $('link-text').textContent = text;
}

/* ---- what the server says ---- */

let server = null;
let asked = 0;

const hears = {
  server(frame) {
    const before = server;
    server = frame;
    if (chat.generations.at(-1) !== frame.generation) chat.generations.push(frame.generation);
    $('generation').textContent = frame.generation;
    $('pid').textContent = 'pid ' + frame.pid;
    document.title = 'fd-netty chat · generation ' + frame.generation;
    busy(false);
    if (before && frame.generation !== before.generation) upgraded(before, frame);
    if (!frame.mayUpgrade) result('', 'This server is upgraded from its command line.');
  },
  upgrade(frame) {
    if (frame.state === 'starting') {
      busy(true);
      result('', 'The next generation starts…');
    } else {
      busy(false);
      asked = 0;
      result('failed', 'The upgrade failed (' + frame.step + '): ' + frame.reason + '. This generation serves on.');
    }
  },
  joined(frame) {
    const isSameRoom = me.in === frame.room && frame.from === me.last + 1;
    me.room = me.in = frame.room;
    me.name = frame.name;
    remember('room', frame.room);
    remember('name', frame.name);
    $('room-title').textContent = frame.room;
    $('name').value = frame.name;
    complain('');
    if (!isSameRoom) {
      $('log').replaceChildren();
      lastShown = null;
      me.last = frame.from - 1;
      if (frame.from > 1 && frame.last) mark('', 'Earlier messages are gone');
      if (frame.last === 0) empty();
    }
    rooms();
    members();
  },
  named(frame) {
    me.name = frame.name;
    $('name').value = frame.name;
    members();
  },
  members(frame) {
    here = frame.names;
    members();
  },
  rooms(frame) {
    all = frame.rooms;
    rooms();
  },
  message(frame) {
    if (frame.seq !== me.last + 1) chat.gap = { after: me.last, got: frame.seq };
    me.last = frame.seq;
    show(frame);
  },
  pong(frame) {
    const sent = pings.get(frame.id);
    if (sent !== undefined) {
      pings.delete(frame.id);
      const now = performance.now();
      samples.push({ at: sent, millis: now - sent });
    }
  },
  error(frame) {
    complain(frame.reason);
  },
};

/* ---- rooms, members, messages ---- */

let all = [];
let here = [];
let lastShown = null;

function rooms() {
  const list = all.some((room) => room.name === me.room) ? all : [...all, { name: me.room, members: 0 }];
  $('rooms').replaceChildren(...list.map((room) => {
    const button = make('button', '', make('span', '', room.name), make('span', 'count', String(room.members)));
    button.type = 'button';
    button.setAttribute('aria-current', String(room.name === me.in));
    button.setAttribute('aria-label', room.name + ', ' + room.members + (room.members === 1 ? ' member' : ' members'));
    button.onclick = () => { me.room = room.name; join(); $('text').focus(); };
    return make('li', '', button);
  }));
}

function members() {
  $('member-count').textContent = here.length;
  $('members').replaceChildren(...here.map((name) =>
    make('li', '', face(name, 'small'), make('span', '', name), name === me.name ? make('span', 'me', 'you') : '')));
}

function face(name, size) {
  const letters = name.split(/\s+/).slice(0, 2).map((word) => [...word][0] || '').join('').toUpperCase();
  let hash = 0;
  for (const letter of name) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  const face = make('span', 'face f' + (hash % 8) + ' ' + size, letters);
  face.setAttribute('aria-hidden', 'true');
  return face;
}

function show(frame) {
  const isAgain = lastShown && lastShown.name === frame.name && frame.at - lastShown.at < 120000;
  const when = new Date(frame.at);
  const time = make('time', '', when.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
  time.dateTime = when.toISOString();
  const text = make('p', '', frame.text);
  const body = make('div', 'body', make('div', 'head', make('b', '', frame.name), time), text);
  const item = make('li', 'message' + (isAgain ? ' again' : ''), face(frame.name, ''), body);
  item.dataset.seq = frame.seq;
  item.title = 'Message ' + frame.seq + ', ' + when.toLocaleString();
  lastShown = frame;
  append(item);
}

function mark(kind, text) {
  append(make('li', 'mark ' + kind, text));
  lastShown = null;
}

function empty() {
  $('log').append(make('li', 'empty', 'Nobody has said anything here yet.'));
}

function append(item) {
  const log = $('log');
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const hint = log.querySelector('.empty');
  if (hint) hint.remove();
  log.append(item);
  while (log.childElementCount > MAX_SHOWN) log.firstElementChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function complain(text) {
  $('error').textContent = text;
  $('error').hidden = !text;
}

/* ---- the upgrade ---- */

let survived = 0;

function upgraded(before, frame) {
  survived++;
  $('survived').textContent = survived + (survived === 1 ? ' upgrade' : ' upgrades');
  const badge = $('generation');
  badge.classList.remove('new');
  void badge.offsetWidth; // starts the animation again
  badge.classList.add('new');
  const since = asked || performance.now() - frame.tookMillis;
  const took = asked ? duration(performance.now() - asked) + ' after the click' : duration(frame.tookMillis);
  asked = 0;
  marks.push({ at: performance.now(), generation: frame.generation });
  mark('upgrade', 'Generation ' + frame.generation + ' took over · pid ' + frame.pid);
  const moved = frame.moved + (frame.moved === 1 ? ' socket' : ' sockets') + ' moved';
  result('done', 'Generation ' + frame.generation + ' in ' + took + '; ' + moved + '.');
  setTimeout(() => {
    const slowest = Math.max(...samples.filter((sample) => sample.at >= since - 100).map((sample) => sample.millis));
    if (server === frame && slowest > 0) {
      result('done', 'Generation ' + frame.generation + ' in ' + took + '; ' + moved
        + ', and the slowest answer meanwhile took ' + duration(slowest) + '.');
    }
  }, 300);
}

function duration(millis) {
  if (millis >= 1000) return (millis / 1000).toFixed(1) + ' s';
  return (millis < 10 ? millis.toFixed(1) : Math.round(millis)) + ' ms';
}

function busy(is) {
  $('upgrade').disabled = is || !server || !server.mayUpgrade;
  $('upgrade-label').textContent = is ? 'Upgrading…' : 'Upgrade the server';
}

function result(state, text) {
  $('result').dataset.state = state;
  $('result').textContent = text;
}

/* ---- latency ---- */

const SPAN = 30000;
const PING_EVERY = 100;
const pings = new Map();
const samples = [];
const marks = [];
let nextPing = 1;

function ping() {
  if (pings.size < 100 && send({ type: 'ping', id: nextPing })) pings.set(nextPing++, performance.now());
}

function plot() {
  const now = performance.now();
  while (samples.length && samples[0].at < now - SPAN) samples.shift();
  while (marks.length && marks[0].at < now - SPAN) marks.shift();
  const waiting = [...pings.values()].map((at) => ({ at, millis: now - at }));
  draw(now, [...samples, ...waiting.filter((one) => one.millis > 50)]);
  figures();
}

function draw(now, points) {
  const canvas = $('plot');
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const pen = canvas.getContext('2d');
  const foot = 18;
  const top = niceTop(Math.max(4, ...points.map((point) => point.millis)));
  const x = (at) => (1 - (now - at) / SPAN) * width;
  const y = (millis) => (height - foot) * (1 - millis / top) + 1;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = '11px system-ui, sans-serif';
  pen.lineWidth = 1;
  for (const part of [0, 0.5, 1]) {
    const line = Math.round(y(top * part)) + 0.5;
    pen.strokeStyle = color('--line');
    pen.beginPath();
    pen.moveTo(0, line);
    pen.lineTo(width, line);
    pen.stroke();
  }
  pen.fillStyle = color('--soft');
  pen.fillText('30 s ago', 2, height - 3);
  pen.textAlign = 'right';
  pen.fillText('now', width - 1, height - 3);
  pen.textAlign = 'left';
  for (const one of marks) {
    const line = Math.round(x(one.at)) + 0.5;
    pen.strokeStyle = color('--accent');
    pen.setLineDash([3, 3]);
    pen.beginPath();
    pen.moveTo(line, 0);
    pen.lineTo(line, height - foot);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = color('--accent-strong');
    pen.textAlign = line > width - 30 ? 'right' : 'left';
    pen.fillText('g' + one.generation, line + (line > width - 30 ? -4 : 4), 11);
    pen.textAlign = 'left';
  }
  points.sort((a, b) => a.at - b.at);
  curve(pen, points.map((point) => [x(point.at), y(point.millis)]), y(0), color('--accent'));
  pen.fillStyle = color('--soft');
  for (const part of [0.5, 1]) {
    const millis = top * part;
    pen.fillText(millis >= 1000 ? millis / 1000 + ' s' : millis + ' ms', 2, y(millis) + 12);
  }
}

function curve(pen, points, foot, color) {
  if (points.length < 2) return;
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.strokeStyle = color;
  pen.lineWidth = 1.6;
  pen.lineJoin = 'round';
  pen.stroke();
  pen.lineTo(points.at(-1)[0], foot);
  pen.lineTo(points[0][0], foot);
  pen.closePath();
  pen.globalAlpha = 0.13;
  pen.fillStyle = color;
  pen.fill();
  pen.globalAlpha = 1;
}

function niceTop(most) {
  for (let step = 1; ; step *= 10) {
    for (const factor of [1, 2, 5]) {
      if (most <= step * factor * 2) return step * factor * 2;
    }
  }
}

function figures() {
  if (!samples.length) return;
  const sorted = samples.map((sample) => sample.millis).sort((a, b) => a - b);
  $('now').textContent = duration(samples.at(-1).millis);
  $('median').textContent = duration(sorted[sorted.length >> 1]);
  $('longest').textContent = duration(sorted.at(-1));
}

function age() {
  if (!openedAt) return;
  const seconds = Math.floor((performance.now() - openedAt) / 1000);
  const minutes = Math.floor(seconds / 60);
  $('age').textContent = 'open for ' + (minutes ? minutes + ' min ' + (seconds % 60) + ' s' : seconds + ' s');
}

/* ---- the user ---- */

$('say-form').onsubmit = (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (text && send({ type: 'say', text })) {
    $('text').value = '';
    grow();
  } else if (text) {
    complain('There is no connection at the moment; your text is still here.');
  }
};

$('text').onkeydown = (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $('say-form').requestSubmit();
  }
};

function grow() {
  $('text').style.height = 'auto';
  $('text').style.height = $('text').scrollHeight + 2 + 'px';
}
$('text').oninput = () => { complain(''); grow(); };

$('name-form').onsubmit = (event) => {
  event.preventDefault();
  me.name = $('name').value.trim();
  join();
  $('text').focus();
};

$('room-form').onsubmit = (event) => {
  event.preventDefault();
  me.room = $('room').value.trim();
  $('room').value = '';
  join();
  $('text').focus();
};

$('upgrade').onclick = () => {
  asked = performance.now();
  busy(true);
  if (!send({ type: 'upgrade' })) busy(false);
};

$('name').value = me.name;
connect();
setInterval(ping, PING_EVERY);
setInterval(() => { plot(); age(); }, 100);

// Opens WebSockets and keeps them idle: node websocket-clients.mjs <url> <count> <source address>.
// Started with a channel to its parent: says how many are open, echoes a text over each when it is
// told "check", and ends when the channel does.
import WebSocket from 'ws';

const [url, count, localAddress] = process.argv.slice(2);
/** So many at a time are being opened, or are asked to echo. */
const AT_ONCE = 100;

const open = [];
let lost = 0;

const connected = () =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { localAddress, perMessageDeflate: false });
    socket.on('open', () => {
      open.push(socket);
      socket.on('close', () => {
        lost += 1;
      });
      resolve();
    });
    socket.on('error', reject);
  });

const echoed = (socket, text) =>
  new Promise((resolve, reject) => {
    const gone = () => reject(new Error(`${text} was not echoed`));
    socket.once('close', gone);
    socket.once('message', (data) => {
      socket.off('close', gone);
      if (String(data) === text) resolve();
      else reject(new Error(`${data} came for ${text}`));
    });
    socket.send(text);
  });

async function many(total, one) {
  let next = 0;
  const worker = async () => {
    while (next < total) {
      next += 1;
      await one(next - 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

process.on('disconnect', () => process.exit(0));
process.on('message', async () => {
  await many(open.length, (index) => echoed(open[index], `${localAddress} ${index}`));
  process.send({ checked: open.length, lost });
});

await many(Number(count), connected);
process.send({ open: open.length });

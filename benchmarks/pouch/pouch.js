// What PouchDB takes, as JSON: `one N` the milliseconds of N pushes and pulls of one document each, for `delta`; `many N` the
// documents a second of one replication of N that wait, for `batch`. Nothing of it waits for the disk, and its server is in
// the same process, so it is not held back by anything that ours is held back by.
const fs = require("fs");
const os = require("os");
const path = require("path");
const PouchDB = require("pouchdb");
const express = require("express");

const COLD = 5; // the first ones meet a cold program
const [what, count] = [process.argv[2], Number(process.argv[3])];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pouch-"));
fs.mkdirSync(path.join(folder, "server"));
const ServerDB = PouchDB.defaults({ prefix: path.join(folder, "server") + path.sep });
const app = express();
const settings = { mode: "minimumForPouchDB", logPath: path.join(folder, "log"), configPath: path.join(folder, "json") };
app.use("/", require("express-pouchdb")(ServerDB, settings));

const order = (number) => ({ _id: `order-${number}`, number: `C-${number}`, guests: 3, note: "x".repeat(80) });

async function one(here, there, remote) {
  const found = { push: [], pull: [] };
  for (let number = -COLD; number < count; number++) {
    const began = performance.now();
    await here.put(order(number));
    await here.replicate.to(remote);
    const pushed = performance.now();
    await there.replicate.from(remote);
    if (number < 0) continue;
    found.push.push(pushed - began);
    found.pull.push(performance.now() - pushed);
  }
  return found;
}

async function many(here, there, remote) {
  await here.bulkDocs([...Array(COLD).keys()].map((number) => order(`cold-${number}`)));
  await here.replicate.to(remote);
  await here.bulkDocs([...Array(count).keys()].map(order));
  const began = performance.now();
  const done = await here.replicate.to(remote);
  if (done.docs_written !== count) throw new Error(`${done.docs_written} of ${count} came`);
  return { rate: (count * 1000) / (performance.now() - began) };
}

const server = app.listen(0, "127.0.0.1", async () => {
  try {
    const here = new PouchDB(path.join(folder, "here"));
    const there = new PouchDB(path.join(folder, "there"));
    const remote = new PouchDB(`http://127.0.0.1:${server.address().port}/bench`);
    await remote.info();
    console.log(JSON.stringify(await { one, many }[what](here, there, remote)));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
});

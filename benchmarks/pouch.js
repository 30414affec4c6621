// PouchDB's push and pull of one document, for `delta`: milliseconds each, as JSON. Nothing of it waits for the disk, and
// its server is in the same process, so it is not held back by anything that ours is held back by.
const fs = require("fs");
const os = require("os");
const path = require("path");
const PouchDB = require("pouchdb");
const express = require("express");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "pouch-"));
fs.mkdirSync(path.join(folder, "server"));
const ServerDB = PouchDB.defaults({ prefix: path.join(folder, "server") + path.sep });
const app = express();
const settings = { mode: "minimumForPouchDB", logPath: path.join(folder, "log"), configPath: path.join(folder, "json") };
app.use("/", require("express-pouchdb")(ServerDB, settings));

const server = app.listen(0, "127.0.0.1", async () => {
  const here = new PouchDB(path.join(folder, "here"));
  const there = new PouchDB(path.join(folder, "there"));
  const remote = new PouchDB(`http://127.0.0.1:${server.address().port}/bench`);
  await remote.info();
  const push = [];
  const pull = [];
  const count = Number(process.argv[2]);
  for (let number = -5; number < count; number++) {
    const began = performance.now();
    await here.put({ _id: `order-${number}`, number: `C-${number}`, guests: 3, note: "x".repeat(80) });
    await here.replicate.to(remote);
    const pushed = performance.now();
    await there.replicate.from(remote);
    if (number < 0) continue; // the first ones meet a cold program
    push.push(pushed - began);
    pull.push(performance.now() - pushed);
  }
  fs.rmSync(folder, { recursive: true, force: true });
  console.log(JSON.stringify({ push, pull }));
  process.exit(0);
});

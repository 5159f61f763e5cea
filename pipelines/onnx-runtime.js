// Copyright (C) 2026 The gst-cpac authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The other side of onnx-runtime.c, which has this text in its resources and runs it by `node -e`. One
// question a line on stdin, one answer a line on stdout, in order, until stdin ends:
//   {"open": FILE, "threads": N, "dims": [...], "input": FILE, "output": FILE}
//     runs the model once on the floats in one file and leaves its output in another; every input
//     gets the same picture: {"session": index}
//   {"time": index, "calls": N}: {"us": microseconds of one of so many calls in a row}
// The first answer needs no question: {"version": "1.30.0"}. Trouble: {"error": text}.
const fs = require('fs');
const readline = require('readline');

const sessions = [];

function answer(value) {
  fs.writeSync(1, JSON.stringify(value) + '\n');
}

async function open(ort, {open, threads, dims, input, output}) {
  const session = await ort.InferenceSession.create(open, {
    intraOpNumThreads: threads,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const bytes = fs.readFileSync(input);
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const picture = new ort.Tensor('float32', Float32Array.from(floats), dims);
  const feeds = Object.fromEntries(session.inputNames.map((name) => [name, picture]));
  const {data} = (await session.run(feeds))[session.outputNames[0]];
  fs.writeFileSync(output, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  return {session: sessions.push({session, feeds}) - 1};
}

async function time({time, calls}) {
  const {session, feeds} = sessions[time];
  const begin = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) {
    await session.run(feeds);
  }
  return {us: Number(process.hrtime.bigint() - begin) / 1e3 / calls};
}

async function main() {
  const ort = require('onnxruntime-node');
  answer({version: ort.env.versions.node || ort.env.versions.common});
  for await (const line of readline.createInterface({input: process.stdin})) {
    const question = JSON.parse(line);
    answer(await ('open' in question ? open(ort, question) : time(question)));
  }
}

main().catch((error) => {
  answer({error: error.message.split('\n')[0]});
  process.exit(1);
});

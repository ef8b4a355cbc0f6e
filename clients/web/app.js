// The page: what is said in the lobby, and a line to say something.

import {Chat} from './chatd.js';

const element = (id) => document.getElementById(id);

function show(text) {
    const line = document.createElement('li');
    line.textContent = text;
    element('lines').append(line);
}

const url = new URL('/ws', location.href);
url.protocol = url.protocol.replace('http', 'ws');
const chat = new Chat({url: url.href, rooms: ['lobby']});
chat.on('state', ({state}) => (element('state').textContent = state));
chat.on('message', ({room, from, body}) => show(`#${room} <${from}> ${body}`));
chat.connect();
element('say').onsubmit = (event) => {
    event.preventDefault();
    const body = element('body');
    if (body.value !== '') chat.say('lobby', body.value);
    body.value = '';
};

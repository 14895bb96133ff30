// Signs in without leaving the page, so that a wrong token is told in words.
const form = document.getElementById('form');
const fault = document.getElementById('fault');

form.addEventListener('submit', async event => {
  event.preventDefault();
  fault.textContent = '';
  try {
    const answer = await fetch('/login', {method: 'POST', body: new URLSearchParams(new FormData(form))});
    if (answer.ok) {
      location.replace('/' + location.hash);
    } else {
      fault.textContent = (await answer.json()).message;
    }
  } catch {
    fault.textContent = 'The console does not answer. Is it running?';
  }
});

// Fills in where the reader is, when they ask for it. The page works without this.
"use strict";

(function () {
  const island = document.getElementById("island");
  const button = document.getElementById("locate");
  const told = document.getElementById("located");
  const field = document.getElementById("position");
  if (!island || !button || !told || !field || !navigator.geolocation) return;

  function found(position) {
    const { latitude, longitude } = position.coords;
    field.value = latitude.toFixed(5) + ", " + longitude.toFixed(5);
    told.textContent = island.dataset.found;
  }

  function denied() {
    told.textContent = island.dataset.denied;
  }

  button.addEventListener("click", function () {
    told.textContent = island.dataset.searching;
    navigator.geolocation.getCurrentPosition(found, denied, { enableHighAccuracy: true, timeout: 15000 });
  });
  island.hidden = false;
})();

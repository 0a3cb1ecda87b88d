// Shows what is typed into the password fields of its form, and hides it again. Without scripts the button stays hidden.
document.querySelectorAll("[data-show-password]").forEach((button) => {
  const fields = button.form.querySelectorAll("input[type=password]");
  const labels = { password: button.textContent, text: button.dataset.hideLabel };
  button.hidden = false;
  button.addEventListener("click", () => {
    const type = fields[0].type === "password" ? "text" : "password";
    fields.forEach((field) => {
      field.type = type;
    });
    button.textContent = labels[type];
  });
  // Sent hidden again, so that the browser offers to keep a password, not a text.
  button.form.addEventListener("submit", () => {
    fields.forEach((field) => {
      field.type = "password";
    });
  });
});

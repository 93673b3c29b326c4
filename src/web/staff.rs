//! Staff come and go: sign in, sign out, the first account.

use poem::Response;

use super::answer::{page, page_again, redirect, said, with_cookie};
use super::ask::Ask;
use super::cookies;
use crate::error::{Code, Error, Result};
use crate::service::sessions::{Opened, STAFF_COOKIE};
use crate::view::staff::{LoginPage, SetupPage};

/// Where to go after signing in: a path of the staff's pages and nothing that a browser could read as another site.
fn next(wanted: &str) -> &str {
    let rest = wanted.strip_prefix("/staff");
    let plain = !wanted.contains("//") && !wanted.contains('\\') && !wanted.chars().any(|c| c.is_control() || c.is_whitespace());
    if plain && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?'])) { wanted } else { "/staff" }
}

/// `GET /staff/login`.
pub(super) async fn login_page(ask: Ask) -> Result<Response> {
    if ask.web.service.needs_setup().await? {
        return Ok(redirect("/staff/setup"));
    }
    let next = next(ask.query("next").unwrap_or_default()).to_owned();
    if ask.staff().await.is_ok() {
        return Ok(redirect(&next));
    }
    page(&LoginPage { shell: ask.shell(None), login: String::new(), next, problem: None })
}

/// `POST /staff/login`.
pub(super) async fn login(ask: Ask) -> Result<Response> {
    ask.check_origin()?;
    let form = ask.form()?;
    let next = next(form.text("next"));
    match ask.web.service.login(form.text("login"), form.text("password"), &ask.address()).await {
        Ok((opened, _)) => Ok(entered(&ask, &opened, next)),
        Err(error) if mendable(&error) => {
            let (login, next) = (form.text("login").to_owned(), next.to_owned());
            let again = LoginPage { shell: ask.shell(None), login, next, problem: Some(said(ask.locale, &error)) };
            Ok(page_again(&again, &error))
        }
        Err(error) => Err(error),
    }
}

fn entered(ask: &Ask, opened: &Opened, next: &str) -> Response {
    with_cookie(redirect(next), &cookies::keep(STAFF_COOKIE, &opened.secret, ask.secure))
}

/// Somebody can type something else; what is wrong with us is said on its own page.
fn mendable(error: &Error) -> bool {
    error.code.status() < 500
}

/// `POST /staff/logout`.
pub(super) async fn logout(ask: Ask) -> Result<Response> {
    let member = ask.staff().await?;
    ask.web.service.logout(&member.actor).await?;
    Ok(with_cookie(redirect("/staff/login"), &cookies::forget(STAFF_COOKIE, ask.secure)))
}

/// `GET /staff/setup`.
pub(super) async fn setup_page(ask: Ask) -> Result<Response> {
    if !ask.web.service.needs_setup().await? {
        return Err(Code::SetupDone.into());
    }
    page(&SetupPage { shell: ask.shell(None), name: String::new(), login: String::new(), problem: None })
}

/// `POST /staff/setup`.
pub(super) async fn setup(ask: Ask) -> Result<Response> {
    ask.check_origin()?;
    let form = ask.form()?;
    let (login, name) = (form.text("login"), form.text("name"));
    match ask.web.service.setup(form.text("secret"), login, name, form.text("password")).await {
        Ok((opened, _)) => Ok(entered(&ask, &opened, "/staff")),
        Err(error) if mendable(&error) && error.code != Code::SetupDone => {
            let problem = Some(said(ask.locale, &error));
            Ok(page_again(&SetupPage { shell: ask.shell(None), name: name.to_owned(), login: login.to_owned(), problem }, &error))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn after_signing_in_nobody_is_sent_to_another_site() {
        for good in ["/staff", "/staff/rooms/rm_1", "/staff?show=all", "/staff/rooms/rm_1/results"] {
            assert_eq!(next(good), good);
        }
        for bad in [
            "",
            "/",
            "/sit/rm_1",
            "//evil.example",
            "https://evil.example",
            "/staff//evil.example",
            "/stafffoo",
            "/staff/\\evil",
            "/staff\n",
        ] {
            assert_eq!(next(bad), "/staff", "{bad:?}");
        }
    }
}

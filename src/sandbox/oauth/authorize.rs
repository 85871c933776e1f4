use http::StatusCode;

use super::AUTHORIZE;
use super::grant::Grant;
use super::inquiry::Inquiry;
use super::pages::{self, Choice, Consent, Form, SignIn};
use super::parameters::Parameters;
use super::refusal::Code;
use super::session::Session;
use super::ticket::{Kind, Ticket};
use crate::sandbox::call::{Call, Outcome};
use crate::sandbox::reply::Reply;

/// `GET`: the page that asks who it is, or the one that asks for consent.
pub(super) fn show(call: &Call<'_>) -> Outcome {
    let inquiry = Inquiry::read(call, &Parameters::of_query(call.request))?;
    match Session::of(call) {
        Some(session) if session.user.is_some() => ask_consent(call, &inquiry, &session),
        _ => {
            let session = Session::begin(call, &inquiry, None);
            let page = ask_name(call, &inquiry, &session, StatusCode::OK, None)?;
            Ok(page.with("set-cookie", session.cookie(call)))
        }
    }
}

/// `POST`: what the form of either page says.
///
/// A form that does not come from a page this browser was given for this inquiry is refused.
pub(super) fn submit(call: &mut Call<'_>) -> Outcome {
    let form = Parameters::of_form(call.request)?;
    let inquiry = Inquiry::read(call, &form)?;
    let token = form.get("form_token").unwrap_or_default();
    let session = Session::of(call)
        .filter(|session| session.vouches_for(call.world.key(), &inquiry, token))
        .ok_or_else(|| outdated(call, &inquiry))?;
    match (form.get("decision"), session.user.as_deref()) {
        (None, _) => sign_in(call, &inquiry, &session, form.get("user")),
        (Some(_), None) => Err(outdated(call, &inquiry)),
        (Some("allow"), Some(user)) => allow(call, &inquiry, user, form.get("workspace")),
        (Some("deny"), Some(_)) => {
            Ok(inquiry
                .redirect
                .refuse(call, Code::AccessDenied, "The user did not allow it"))
        }
        (Some(_), Some(_)) => {
            let problem = "The decision is neither to allow nor to deny.";
            Err(again(call, &inquiry, StatusCode::BAD_REQUEST, problem))
        }
    }
}

/// Begins a session and shows the next page, which can so be loaded again.
fn sign_in(call: &Call<'_>, inquiry: &Inquiry, session: &Session, user: Option<&str>) -> Outcome {
    let user = user.map(str::trim).filter(|user| is_user_name(user));
    let Some(user) = user else {
        let problem = "A user name has 1 to 64 letters, digits and . _ - @ +";
        return ask_name(
            call,
            inquiry,
            session,
            StatusCode::BAD_REQUEST,
            Some(problem),
        );
    };
    let session = Session::begin(call, inquiry, Some(user));
    let page = pages::see_other(address(call, inquiry));
    Ok(page.with("set-cookie", session.cookie(call)))
}

fn allow(call: &mut Call<'_>, inquiry: &Inquiry, user: &str, workspace: Option<&str>) -> Outcome {
    let own = |workspace: &&str| call.world.workspaces().any(|it| it.tenant() == *workspace);
    let Some(workspace) = workspace.filter(own) else {
        let problem = "The workspace is none of yours.";
        return Err(again(call, inquiry, StatusCode::BAD_REQUEST, problem));
    };
    let code_until = call.now.plus(call.rules.timing.authorization_code_lifetime);
    let grant = Grant::new(
        inquiry.client.id(),
        (workspace, user),
        (&inquiry.redirect.uri, &inquiry.challenge),
        code_until,
    );
    let code = Ticket {
        kind: Kind::Code,
        grant: call.world.oauth_mut().allow(grant, call.now),
        turn: 0,
    };
    let code = code.text(call.world.key());
    Ok(inquiry.redirect.grant(call, &code))
}

fn ask_name(
    call: &Call<'_>,
    inquiry: &Inquiry,
    session: &Session,
    status: StatusCode,
    problem: Option<&str>,
) -> Outcome {
    pages::sign_in(
        status,
        &SignIn {
            app: inquiry.client.name(),
            user: call.world.user(),
            problem,
            form: form(call, inquiry, session),
        },
    )
}

fn ask_consent(call: &Call<'_>, inquiry: &Inquiry, session: &Session) -> Outcome {
    let workspaces = call.world.workspaces().map(|workspace| Choice {
        tenant: workspace.tenant(),
        plan: workspace.plan(),
    });
    pages::consent(&Consent {
        app: inquiry.client.name(),
        user: session.user.as_deref().unwrap_or_default(),
        workspaces: workspaces.collect(),
        form: form(call, inquiry, session),
    })
}

fn form<'i>(call: &Call<'_>, inquiry: &'i Inquiry, session: &Session) -> Form<'i> {
    Form {
        action: format!("{}{AUTHORIZE}", call.rules.addressing.app_path()),
        parameters: inquiry.parameters(),
        token: session.form_token(call.world.key(), inquiry),
        returns_to: inquiry.redirect.origin(),
    }
}

fn outdated(call: &Call<'_>, inquiry: &Inquiry) -> Reply {
    let problem = "The page is out of date, or was opened in another browser.";
    again(call, inquiry, StatusCode::FORBIDDEN, problem)
}

/// A page with a link to begin again.
fn again(call: &Call<'_>, inquiry: &Inquiry, status: StatusCode, problem: &str) -> Reply {
    pages::problem(status, problem, Some(&address(call, inquiry)))
}

/// Where the inquiry is asked, on whichever host the browser is.
fn address(call: &Call<'_>, inquiry: &Inquiry) -> String {
    let path = call.rules.addressing.app_path();
    format!("{path}{AUTHORIZE}?{}", inquiry.query())
}

fn is_user_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-@+".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}
